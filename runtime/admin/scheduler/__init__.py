"""The scheduler of an application for whoever looks after it: tasks, runs, workers, orders (SCHED-59).

`filters`, `entries`, `arguments`, `plans` and `graph` import nothing of an application and can be used
anywhere; `service` runs an application's models and belongs into the inspector, never into the window.
"""
