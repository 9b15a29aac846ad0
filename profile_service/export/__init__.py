"""The open halves of the log as Parquet, for auditors and analysts.

A client's side: facts come from a running service, and no database is opened here.
"""
