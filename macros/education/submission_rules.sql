{# Key of a raw row: what dlt merges it by, whether it came from a database or from a file. #}
{% macro submission_key() -%}
    {{ surrogate_key([
        'submission_source', 'database_country',
        "case when submission_source = 'database' then submission_id end",
        'file_sha256', 'line_number'
    ]) }}
{%- endmacro %}


{# What makes a submission unfit: the column, the condition, and how it is said. #}
{% macro submission_rules() -%}
    {%- set given = 'not (' ~ is_no_answer('{0}_reported') ~ ') and ' -%}
    {%- set first_time = "cast('2001-01-01 00:00:00+00' as " ~ type_instant() ~ ')' -%}
    {%- set last_time = plus_hours(epoch_text_to_utc('load_id'), 24) -%}
    {%- set from_database = "submission_source = 'database' and " -%}
    {{ return([
        ('id', from_database ~ is_no_answer('submission_id'), 'missing'),
        ('cnt', is_no_answer('cnt_reported'), 'missing'),
        (
            'cnt',
            given.format('cnt') ~ "coalesce(country_code != upper(trim(database_country)), false)",
            'not the country of its database'
        ),
        ('cnt', given.format('cnt') ~ 'not is_country_known', 'not a known country'),
        (
            'created_at',
            from_database ~ 'submitted_at is null',
            'not a time in UTC'
        ),
        ('created_at', 'coalesce(submitted_at < ' ~ first_time ~ ', false)', 'before 2001'),
        (
            'created_at',
            'coalesce(submitted_at > ' ~ last_time ~ ', false)',
            'after it was loaded'
        ),
        (
            'durecec',
            given.format('durecec') ~ 'not coalesce(durecec between 0 and 8'
            ~ ' or durecec between 95 and 99, false)',
            'not a whole number from 0 to 8'
        ),
        (
            'belong',
            given.format('belong') ~ 'not coalesce(belong between -20 and 20'
            ~ ' or (belong between 95 and 99 and belong = floor(belong)), false)',
            'not a number from -20 to 20'
        ),
        (
            'escs',
            given.format('escs') ~ 'not coalesce(escs between -20 and 20'
            ~ ' or (escs between 95 and 99 and escs = floor(escs)), false)',
            'not a number from -20 to 20'
        ),
        (
            'tmins',
            given.format('tmins') ~ 'not coalesce(tmins between 0 and 10080'
            ~ ' or tmins between 99999995 and 99999999, false)',
            'not a whole number from 0 to 10080'
        ),
        (
            'w_fstuwt',
            given.format('w_fstuwt') ~ 'not coalesce(' ~ is_a_weight('w_fstuwt') ~ ', false)',
            'not a number above 0, up to 1000000'
        ),
    ]) }}
{%- endmacro %}


{% macro breaks_a_submission_rule() -%}
    {%- for column, is_unfit, what in submission_rules() %}
    ({{ is_unfit }}) or
    {%- endfor %}
    replicate_weight_at_fault is not null
{%- endmacro %}


{# Each rule broken, as `<column>: <what>`, joined by semicolons. #}
{% macro submission_rules_broken() -%}
    concat_ws('; '
        {%- for column, is_unfit, what in submission_rules() %},
        case when {{ is_unfit }} then '{{ column }}: {{ what }}' end
        {%- endfor %},
        split_part(replicate_weight_at_fault, ':', 1) || ': not a number above 0, up to 1000000'
    )
{%- endmacro %}

