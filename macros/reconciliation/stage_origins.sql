{# Which parts of a source had rows that the source called made up, renamed and cast: the loaders of
   all sources note it in the same form. #}
{% macro stage_origins(origins) -%}
    with origins as (
        select * from {{ origins }}
    ),

    typed as (
        select
            part,
            _dlt_load_id as load_id,
            is_made_up = 'true' as is_made_up,
            {{ utc_text_to_timestamp('noted_at') }} as noted_at
        from origins
    )

    select * from typed
{%- endmacro %}
