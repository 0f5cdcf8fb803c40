{{ config(materialized='table') }}

{{ load_states(ref('int_crime__loads'), ref('stg_previous__crime_load_reconciliation')) }}
