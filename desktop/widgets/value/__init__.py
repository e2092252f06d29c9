"""Values as a tree that folds and as a table: parts without widgets, models, pages (CA-05, DB-06, SC-05)."""
