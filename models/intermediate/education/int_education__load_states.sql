{{ config(materialized='table') }}

{{ load_states(ref('int_education__loads'), ref('stg_previous__submission_load_reconciliation')) }}
