{% set within_days = [30, 90, 365] %}

with type_months as (
    select * from {{ ref('crime_by_type_monthly') }}
),

arrest_changes as (
    select * from {{ ref('int_crime__arrest_changes') }}
),

loads as (
    select * from {{ ref('int_crime__load_states') }}
),

first_load as (
    select cast({{ utc_to_local(
        epoch_text_to_utc('min(load_id)'), "'America/Chicago'"
    ) }} as date) as first_load_date
    from loads
),

changed as (
    select
        primary_type,
        month_start,
        cast(count_if(is_arrest) as bigint) as arrests_later,
        cast(count_if(not is_arrest) as bigint) as arrests_withdrawn,
        {%- for days in within_days %}
        cast(count_if(days_to_arrest <= {{ days }}) as bigint) as arrests_within_{{ days }}_days,
        {%- endfor %}
        cast(sum(days_to_arrest) as bigint) as days_to_arrest_total,
        min(days_to_arrest) as min_days_to_arrest,
        max(days_to_arrest) as max_days_to_arrest
    from arrest_changes
    group by primary_type, month_start
),

counted as (
    select
        type_months.primary_type,
        type_months.crimes,
        type_months.arrests,
        coalesce(changed.arrests_later, 0) as arrests_later,
        coalesce(changed.arrests_withdrawn, 0) as arrests_withdrawn,
        {%- for days in within_days %}
        coalesce(changed.arrests_within_{{ days }}_days, 0) as arrests_within_{{ days }}_days,
        {%- endfor %}
        changed.days_to_arrest_total,
        changed.min_days_to_arrest,
        changed.max_days_to_arrest,
        type_months.is_complete_month,
        type_months.month_start >= first_load.first_load_date as is_after_first_load,
        first_load.first_load_date,
        type_months.month_start
    from type_months
    cross join first_load
    left join changed
        on
            type_months.primary_type = changed.primary_type
            and type_months.month_start = changed.month_start
),

final as (
    select
        primary_type,
        month_start,
        crimes,
        arrests,
        arrests - arrests_later + arrests_withdrawn as arrests_at_first,
        crimes - arrests + arrests_later - arrests_withdrawn as no_arrest_at_first,
        arrests_later,
        arrests_withdrawn,
        {%- for days in within_days %}
        arrests_within_{{ days }}_days,
        {%- endfor %}
        crimes - arrests as no_arrest_yet,
        {{ exact_ratio(
            'arrests_later', '(crimes - arrests + arrests_later - arrests_withdrawn)', 100
        ) }} as arrested_later_pct,
        {{ exact_ratio('days_to_arrest_total', 'arrests_later') }} as mean_days_to_arrest,
        min_days_to_arrest,
        max_days_to_arrest,
        is_complete_month,
        is_after_first_load,
        first_load_date
    from counted
)

select * from final
