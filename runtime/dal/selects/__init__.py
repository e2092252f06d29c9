"""From a query to records: columns, SQL, answers, and the rows made of them, each as rarely as can be."""
