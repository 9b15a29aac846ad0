"""Imported last by the server that processes are forked from: no child collects what it imported."""

from __future__ import annotations

import gc

gc.collect()
gc.freeze()
