using System.Globalization;
using System.Text;
using Wombat.Domain.Commands;

namespace Wombat.Application.Commands;

/// <summary>Writes hosts as a YAML document.</summary>
internal static class HostYaml
{
    /// <param name="hosts">They have been read with their jump hosts.</param>
    /// <param name="projects">The names of their projects.</param>
    public static string Of(IReadOnlyList<SshHost> hosts, IReadOnlyDictionary<Guid, string> projects)
    {
        var yaml = new StringBuilder(hosts.Count == 0 ? "hosts: []\n" : "hosts:\n");
        foreach (var host in hosts)
        {
            yaml.Append("  - name: ").Append(Text(host.Name)).Append('\n');
            Add(yaml, "project", Text(host.ProjectId is { } project ? projects[project] : null));
            Add(yaml, "address", Text(host.Address));
            Add(yaml, "port", host.Port.ToString(CultureInfo.InvariantCulture));
            Add(yaml, "user_name", Text(host.UserName));
            Add(yaml, "jump_host", Text(host.JumpHost?.Name));
            AddList(yaml, "labels", host.Labels);
            AddList(yaml, "host_keys", host.HostKeys);
            Add(yaml, "public_key", Text(host.PublicKey));
        }

        return yaml.ToString();
    }

    private static void Add(StringBuilder yaml, string name, string value) =>
        yaml.Append("    ").Append(name).Append(": ").Append(value).Append('\n');

    private static void AddList(StringBuilder yaml, string name, IReadOnlyList<string> values)
    {
        if (values.Count == 0)
        {
            Add(yaml, name, "[]");
            return;
        }

        yaml.Append("    ").Append(name).Append(":\n");
        foreach (var value in values)
        {
            yaml.Append("      - ").Append(Text(value)).Append('\n');
        }
    }

    // In quotation marks no text is taken for a number, a truth value or a structure.
    private static string Text(string? value)
    {
        if (value is null)
        {
            return "null";
        }

        var text = new StringBuilder("\"");
        foreach (var c in value)
        {
            text.Append(
                c switch
                {
                    '"' or '\\' => $"\\{c}",
                    _ when char.IsControl(c) || c is '\u2028' or '\u2029' or '\uFEFF' => $"\\u{(int)c:X4}",
                    _ => c.ToString(),
                }
            );
        }

        return text.Append('"').ToString();
    }
}
