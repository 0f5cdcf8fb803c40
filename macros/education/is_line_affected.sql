{# Whether a line of a file has to be looked at: it is new, or its student was in a file that has a
   new name. Such a student may be in another cycle now, and no longer stands before others.

   lines: the relation of lines. affected: a query of the ids of new loads. #}
{% macro is_line_affected(lines, affected) -%}
    (
        load_id in ({{ affected }})
        or coalesce(
            (upper(trim(cnt_reported)), student_number) in (
                select
                    upper(trim(renamed.cnt_reported)),
                    renamed.student_number
                from {{ lines }} as renamed
                where
                    renamed.is_renamed
                    and renamed.student_number is not null
                    and renamed.cnt_reported is not null
                    and renamed.load_id in ({{ affected }})
            ),
            false
        )
    )
{%- endmacro %}
