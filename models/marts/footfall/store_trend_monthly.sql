with days as (
    select * from {{ ref('store_traffic_daily') }}
),

monthly as (
    select
        store_name,
        cast({{ dbt.date_trunc('month', 'traffic_date') }} as date) as month_start,
        cast(sum(visits) as bigint) as visits,
        cast(count(visits) as bigint) as days_measured,
        cast(sum(readings_expected) as bigint) as readings_expected,
        cast(sum(readings_valid) as bigint) as readings_valid,
        cast(count(case when is_complete_day then visits end) as bigint) as days_complete
    from days
    group by store_name, cast({{ dbt.date_trunc('month', 'traffic_date') }} as date)
),

marked as (
    select
        *,
        days_complete = extract(day from last_day(month_start)) as is_complete_month
    from monthly
),

{# Between complete months only: half a month against a whole one says nothing. #}
{% set comparisons = [('month', 1), ('year', 12)] %}

final as (
    select
        marked.store_name,
        marked.visits,
        marked.days_measured,
        {{ exact_ratio('marked.visits', 'marked.days_measured') }} as visits_per_measured_day,
        marked.readings_expected,
        marked.readings_valid,
        {{ exact_ratio('marked.readings_valid', 'marked.readings_expected', 100) }} as coverage_pct,
        {%- for name, months in comparisons %}
        case
            when marked.is_complete_month and {{ name }}_before.is_complete_month
                then {{ exact_ratio(
                    '(marked.visits - ' ~ name ~ '_before.visits)', name ~ '_before.visits', 100
                ) }}
        end as change_on_{{ name }}_pct,
        {%- endfor %}
        marked.is_complete_month,
        marked.month_start
    from marked
    {%- for name, months in comparisons %}
    left join marked as {{ name }}_before
        on
            marked.store_name = {{ name }}_before.store_name
            and {{ name }}_before.month_start
            = cast({{ dbt.dateadd('month', -months, 'marked.month_start') }} as date)
    {%- endfor %}
)

select * from final
