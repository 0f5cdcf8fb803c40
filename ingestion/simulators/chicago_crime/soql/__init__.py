"""SoQL, the portal's query language: translated to DuckDB SQL, and executed."""
