# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Actions that are no OpenStack service's, one workflow with all of them."""

GENERIC = """
version: '2.0'
generic:
  input: [web_server, mail_port, ssh, note]
  output:
    answer: <% task(ask).result.content %>
    accepted: <% task(tell).result.accepted %>
    shell: <% task(command).result.first().stdout %>
    changed: <% task(play).result.changed %>
  tasks:
    ask:
      action: http.request
      input:
        url: <% $.web_server %>/orders
        method: POST
        json:
          item: 7
      on-success: tell
    tell:
      action: email.send
      input:
        server: 127.0.0.1
        port: <% $.mail_port %>
        security: none
        sender: mistral@example.org
        to: [ann@example.org]
        subject: Item <% task(ask).result.content.said.item %>
        text: It was answered by <% task(ask).result.status %>.
      on-success: command
    command:
      action: ssh.run
      input:
        hosts: <% $.ssh.hosts %>
        known_hosts: <% $.ssh.known_hosts %>
        command: echo "from $WHERE"
        environment:
          WHERE: a shell
        login:
          password: <% env().password %>
      on-success: play
    play:
      action: ansible.playbook
      input:
        playbook:
          - hosts: localhost
            connection: local
            gather_facts: false
            tasks:
              - name: Note it down
                ansible.builtin.copy:
                  content: "<% task(command).result.first().stdout %>"
                  dest: <% $.note %>
"""


def test_a_workflow_runs_them_one_after_another(
    workflows, web_server, mail_server, ssh_server, tmp_path
):
    mail_port, messages = mail_server
    host, password = ssh_server
    note = tmp_path / "note"
    given = {"web_server": web_server, "mail_port": mail_port, "ssh": host, "note": str(note)}
    environment = {"env": {"password": password}}
    run = workflows.run(GENERIC, given, seconds=180, params=environment)
    assert run.state == "SUCCESS", (run.info, run.tasks)
    assert run.output == {
        "answer": {"path": "/orders", "said": {"item": 7}},
        "accepted": ["ann@example.org"],
        "shell": "from a shell\n",
        "changed": True,
    }
    (message,) = messages
    assert message["Subject"] == "Item 7"
    assert message.get_payload().strip() == "It was answered by 201."
    assert note.read_text() == "from a shell\n"


BLOCKED = """
version: '2.0'
blocked:
  input: [url]
  tasks:
    ask:
      action: http.request url=<% $.url %>
"""


def test_what_the_site_did_not_allow_stays_blocked(workflows):
    run = workflows.run(BLOCKED, {"url": "http://169.254.169.254/latest"})
    assert run.state == "ERROR"
    assert run.tasks["ask"]["result"]["code"] == "ADDRESS_BLOCKED"
