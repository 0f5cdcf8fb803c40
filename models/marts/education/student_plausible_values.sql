{{ config(materialized='incremental', unique_key='submission_key') }}

{%- set flags, columns = [], [] -%}
{%- for domain in tested_domains().values() -%}
{%- do flags.append(has_plausible_values(domain) ~ ' as has_' ~ domain) -%}
{%- for number in range(1, plausible_values() + 1) -%}
{%- set column = domain ~ '_' ~ number -%}
{%- do columns.append(
    'case when has_' ~ domain ~ ' then cast(' ~ column ~ ' as double) end\n            as ' ~ column
) -%}
{%- endfor -%}
{%- endfor -%}
{%- set has_any = 'has_' ~ tested_domains().values() | join(' or has_') %}

with students as (
    select * from {{ ref('int_education__file_students_affected') }}
),

-- A domain in which one of the ten is missing has none.
complete as (
    select
        *,
        {{ flags | join(',\n        ') }}
    from students
),

final as (
    select
        submission_key,
        country_code,
        {{ columns | join(',\n        ') }}
    from complete
    where {{ has_any }}
),

affected as ( -- noqa: ST03
    select submission_key
    from {{ ref('int_education__submissions_affected') }}
    where submission_source = 'file'
)

{{ rows_of_affected('affected', 'final', ['submission_key']) }}
