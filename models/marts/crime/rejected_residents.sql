with residents as (
    select * from {{ ref('int_crime__residents_validated') }}
    where rejection_reason is not null
),

final as (
    select
        {{ surrogate_key(['socrata_id', 'socrata_updated_at', 'socrata_version']) }} as row_key,
        rejection_reason as reason,
        raw_row,
        load_id
    from residents
)

select * from final
