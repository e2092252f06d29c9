"""Grids: records of a query to search, sort, page, export, and to edit; grids that follow references."""

from runtime.forms.grid.grid import Grid, grid
from runtime.forms.grid.search import build_query, search_menu
from runtime.forms.grid.smart import smartgrid

__all__ = ["Grid", "build_query", "grid", "search_menu", "smartgrid"]
