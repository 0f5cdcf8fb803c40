with responses as (
    select * from {{ ref('stg_pisa__responses') }}
),

students as (
    select * from {{ ref('stg_pisa__file_students') }}
),

unioned as (
    select
        'database' as submission_source,
        database_country,
        submission_id,
        submitted_at_reported,
        cnt_reported,
        durecec_reported,
        belong_reported,
        escs_reported,
        tmins_reported,
        w_fstuwt_reported,
        cast(null as string) as replicate_weight_at_fault,
        cast(null as string) as file_sha256,
        cast(null as string) as file_name,
        load_id,
        cast(null as bigint) as line_number,
        durecec,
        tmins,
        belong,
        escs,
        w_fstuwt,
        submitted_at
    from responses

    union all

    select
        'file' as submission_source,
        cast(null as string) as database_country,
        coalesce(cast(student_id as string), student_id_reported) as submission_id,
        cast(null as string) as submitted_at_reported,
        cnt_reported,
        durecec_reported,
        belong_reported,
        escs_reported,
        tmins_reported,
        w_fstuwt_reported,
        replicate_weight_at_fault,
        file_sha256,
        file_name,
        load_id,
        line_number,
        durecec,
        tmins,
        belong,
        escs,
        w_fstuwt,
        cast(null as {{ type_instant() }}) as submitted_at
    from students
),

final as (
    select
        *,
        upper(trim(cnt_reported)) as country_code
    from unioned
)

select * from final
