"""Scheduler: tasks, runs, workers and dependencies of an application, and what can be done with them (SC)."""
