"""What trailwarden promises, held by tests."""
