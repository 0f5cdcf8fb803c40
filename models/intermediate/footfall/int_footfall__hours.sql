{# 0 to 24: the longest day has 25 hours. #}
{% for hour in range(25) -%}
select cast({{ hour }} as integer) as hour_number
{% if not loop.last %}union all{% endif %}
{% endfor %}
