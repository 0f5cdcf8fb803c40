{{ config(materialized='table') }}

with submissions as (
    select * from {{ ref('int_education__submissions_validated') }}
    where is_affected
),

{# The key and typed values of each row are kept, and the text of rejected rows. #}
final as (
    select
        {{ submission_key() }} as submission_key,
        coalesce(database_country, country_code) as country_code,
        submission_source,
        submission_id,
        file_name,
        load_id,
        rejection_reason,
        case
            when rejection_reason is null then null
            when submission_source = 'database' then {{ json_row([
                ('id', 'submission_id'), ('created_at', 'submitted_at_reported'),
                ('cnt', 'cnt_reported'), ('durecec', 'durecec_reported'),
                ('belong', 'belong_reported'), ('escs', 'escs_reported'),
                ('tmins', 'tmins_reported'), ('w_fstuwt', 'w_fstuwt_reported')
            ]) }}
            else {{ json_row([
                ('cnt', 'cnt_reported'), ('cntstuid', 'submission_id'),
                ('durecec', 'durecec_reported'), ('belong', 'belong_reported'),
                ('escs', 'escs_reported'), ('tmins', 'tmins_reported'),
                ('w_fstuwt', 'w_fstuwt_reported'),
                ('replicate_weight_at_fault', 'replicate_weight_at_fault')
            ]) }}
        end as raw_row,
        line_number,
        years_of_early_education,
        learning_minutes_per_week,
        belonging,
        socio_economic_status,
        w_fstuwt as student_weight,
        submitted_at,
        detected_at
    from submissions
)

select * from final
