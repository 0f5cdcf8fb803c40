{# When each part of a source was last compared with the warehouse as a whole, renamed and cast: the
   loaders of all sources note it in the same form. #}
{% macro stage_reconciliations(reconciliations) -%}
    with reconciliations as (
        select * from {{ reconciliations }}
    ),

    typed as (
        select
            part,
            _dlt_load_id as load_id,
            {{ text_to_bigint('periods_compared') }} as periods_compared,
            {{ text_to_bigint('periods_read_again') }} as periods_read_again,
            {{ utc_text_to_timestamp('reconciled_at') }} as reconciled_at
        from reconciliations
    )

    select * from typed
{%- endmacro %}
