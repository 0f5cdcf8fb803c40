"""The Python around the dbt project. It stays empty: dbt imports it as a plugin."""
