"""What should be of everything beside the trail, as the deployment wrote it down, compared with what there is."""
