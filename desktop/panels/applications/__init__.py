"""The panel Applications: list, tree, editor (AP-*)."""
