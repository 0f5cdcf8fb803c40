with responses as (
    select * from {{ source('pisa', 'responses') }}
),

renamed as (
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
        _dlt_load_id as load_id
    from responses
)

select * from renamed
