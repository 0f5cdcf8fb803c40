{# Key of a row in raw: the columns by which dlt merges it, for databases and for files. #}
{% macro submission_key() -%}
    {{ surrogate_key([
        'submission_source', 'database_country',
        "case when submission_source = 'database' then submission_id end",
        'file_sha256', 'line_number'
    ]) }}
{%- endmacro %}


{# Why a submission is rejected; see rejection_reason(). #}
{% macro submission_rules() -%}
    {%- set given = 'not (' ~ is_no_answer('{0}_reported') ~ ') and ' -%}
    {%- set first_time = "cast('2001-01-01 00:00:00+00' as " ~ type_instant() ~ ')' -%}
    {%- set last_time = plus_hours(epoch_text_to_utc('load_id'), 24) -%}
    {%- set from_database = "submission_source = 'database' and " -%}
    {%- set from_file = "submission_source = 'file' and " -%}
    {%- set not_a_weight = "': not a number above 0, up to 1000000'" -%}
    {{ return([
        ("'id: missing'", from_database ~ is_no_answer('submission_id')),
        ("'cnt: missing'", is_no_answer('cnt_reported')),
        (
            "'cnt: not the country of its database'",
            given.format('cnt') ~ 'coalesce(country_code != upper(trim(database_country)), false)'
        ),
        ("'cnt: not a known country'", given.format('cnt') ~ 'not is_country_known'),
        ("'cntstuid: missing'", from_file ~ is_no_answer('submission_id')),
        (
            "'cntstuid: not a whole number'",
            from_file ~ 'not (' ~ is_no_answer('submission_id') ~ ')'
            ~ ' and student_number is null'
        ),
        ("'cyc: not a cycle of the survey'", given.format('cyc') ~ 'survey_cycle is null'),
        ("'created_at: not a time in UTC'", from_database ~ 'submitted_at is null'),
        ("'created_at: before 2001'", 'coalesce(submitted_at < ' ~ first_time ~ ', false)'),
        (
            "'created_at: after it was loaded'",
            'coalesce(submitted_at > ' ~ last_time ~ ', false)'
        ),
        (
            "'durecec: not a whole number from 0 to 8'",
            not_within('durecec', 'years_of_early_education', 0, 8)
        ),
        (
            "'belong: not a number from -20 to 20'",
            not_within('belong', 'belonging', -20, 20)
        ),
        (
            "'escs: not a number from -20 to 20'",
            not_within('escs', 'socio_economic_status', -20, 20)
        ),
        (
            "'tmins: not a number from 0 to 10080'",
            not_within('tmins', 'learning_minutes_per_week', 0, 10080)
        ),
        (
            "'st059q02ja: not a number from 0 to 200'",
            not_within('st059q02ja', 'class_periods_per_week', 0, 200)
        ),
        (
            "'w_fstuwt' || " ~ not_a_weight,
            given.format('w_fstuwt') ~ 'not coalesce(' ~ is_a_weight('w_fstuwt') ~ ', false)'
        ),
        (
            "split_part(replicate_weight_at_fault, ':', 1) || " ~ not_a_weight,
            'replicate_weight_at_fault is not null'
        ),
        (
            "split_part(plausible_value_at_fault, ':', 1) || ': not a number from -1000 to 2000'",
            'plausible_value_at_fault is not null'
        ),
    ]) }}
{%- endmacro %}


{# Whether a column holds neither an answer of the range nor a code for no answer. Only a text that
   is not a number is compared with the texts that mean no answer.

   number: the column as a number, codes included. answer: the same without codes. #}
{% macro not_within(number, answer, least, most) -%}
    case
        when {{ number }} is not null
            then not coalesce({{ answer }} between {{ least }} and {{ most }}, true)
        else not ({{ is_no_answer(number ~ '_reported') }})
    end
{%- endmacro %}
