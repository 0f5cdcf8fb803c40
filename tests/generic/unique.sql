{#- Values of a column that more than one row has. -#}
{% test unique(model, column_name, affected=none, by=none) %}

select
    {{ column_name }} as unique_field,
    count(*) as n_records
from {{ rows_to_test(model, affected, by) }}
where {{ column_name }} is not null
group by {{ column_name }}
having count(*) > 1

{% endtest %}
