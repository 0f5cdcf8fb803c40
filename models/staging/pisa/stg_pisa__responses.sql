with responses as (
    select * from {{ source('pisa', 'responses') }}
),

typed as (
    select
        database_country,
        id as submission_id,
        created_at as submitted_at_reported,
        cnt as cnt_reported,
        durecec as durecec_reported,
        belong as belong_reported,
        escs as escs_reported,
        tmins as tmins_reported,
        w_fstuwt as w_fstuwt_reported,
        _dlt_load_id as load_id,
        {{ text_to_integer('durecec') }} as durecec,
        {{ text_to_integer('tmins') }} as tmins,
        {{ survey_number('belong') }} as belong,
        {{ survey_number('escs') }} as escs,
        {{ survey_number('w_fstuwt') }} as w_fstuwt,
        {{ utc_text_to_timestamp('created_at') }} as submitted_at
    from responses
)

select * from typed
