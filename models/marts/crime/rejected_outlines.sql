with outlines as (
    select * from {{ ref('int_crime__outlines_validated') }}
    where rejection_reason is not null
),

final as (
    select
        {{ surrogate_key(['source_dataset', 'file_sha256', 'feature_number']) }} as outline_key,
        source_dataset,
        area_kind,
        feature_number,
        rejection_reason as reason,
        raw_row,
        load_id
    from outlines
)

select * from final
