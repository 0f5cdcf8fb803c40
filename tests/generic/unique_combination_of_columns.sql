{#- Rows that share the values of `columns` with another row: the grain is not as documented. -#}
{% test unique_combination_of_columns(model, columns, affected=none, by=none) %}

select
    {{ columns | join(', ') }},
    count(*) as rows_with_this_key
from {{ rows_to_test(model, affected, by) }}
group by {{ columns | join(', ') }}
having count(*) > 1

{% endtest %}
