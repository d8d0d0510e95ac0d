"""The verb `backtest`: what the alarms of a stack would have done with the events of the past."""

from operate.backtest.run import Options, backtest

__all__ = ["Options", "backtest"]
