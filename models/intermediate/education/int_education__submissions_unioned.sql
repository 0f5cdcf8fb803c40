with submissions as (
    select * from {{ ref('int_education__submissions_received') }}
),

typed as (
    select
        *,
        {{ text_to_integer('durecec_reported') }} as durecec,
        {{ survey_number('tmins_reported') }} as tmins,
        {{ survey_number('st059q02ja_reported') }} as st059q02ja,
        {{ survey_number('belong_reported') }} as belong,
        {{ survey_number('escs_reported') }} as escs,
        {{ survey_number('w_fstuwt_reported') }} as w_fstuwt,
        {{ utc_text_to_timestamp('submitted_at_reported') }} as submitted_at,
        upper(trim(cnt_reported)) as country_code
    from submissions
)

select * from typed
