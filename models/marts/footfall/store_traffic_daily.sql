{{ config(materialized='incremental', unique_key=['store_name', 'traffic_date']) }}

{{ daily_traffic(by=['store_name']) }}
