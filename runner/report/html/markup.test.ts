import assert from 'node:assert/strict'
import { test } from 'node:test'
import { html, trusted } from './markup.ts'

test('a value is escaped in text and in attributes', () => {
  const hostile = `<script>alert('1')</script>" onload="x`
  assert.equal(
    html`<p title="${hostile}">${hostile}</p>`.text,
    '<p title="&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&quot; onload=&quot;x">' +
      '&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&quot; onload=&quot;x</p>',
  )
})

test('markup is not escaped twice, arrays are joined, null is nothing', () => {
  const items = ['a', '<b>'].map((text) => html`<li>${text}</li>`)
  assert.equal(html`${items}${null}${3}`.text, '<li>a</li><li>&lt;b&gt;</li>3')
})

test('what is trusted stays as it is', () => {
  assert.equal(html`<div>${trusted('<svg></svg>')}</div>`.text, '<div><svg></svg></div>')
})

test('controls and overrides of the reading direction are left out', () => {
  assert.equal(html`${'a\u202eb\u0000c\u200dd\ne'}`.text, 'abcd\ne')
})
