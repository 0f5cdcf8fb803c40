"""dbt docs and the entity-relationship diagram of what was published."""
