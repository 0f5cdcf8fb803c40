{{ config(materialized='table') }}

{{ load_states(ref('int_footfall__loads'), ref('stg_previous__reading_load_reconciliation')) }}
