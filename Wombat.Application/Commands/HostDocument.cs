using Wombat.Application.Common;
using Wombat.Domain.Commands;

namespace Wombat.Application.Commands;

/// <summary>The document of hosts that an export answers. It holds nothing that is secret.</summary>
internal static class HostDocument
{
    /// <param name="hosts">They have been read with their jump hosts.</param>
    /// <param name="projects">The names of their projects.</param>
    public static string Write(IReadOnlyList<SshHost> hosts, IReadOnlyDictionary<Guid, string> projects) =>
        YamlWriter.Write(
            YamlValue.OfFields([KeyValuePair.Create("hosts", YamlValue.OfItems([.. hosts.Select(h => Describe(h, projects))]))])
        );

    private static YamlValue Describe(SshHost host, IReadOnlyDictionary<Guid, string> projects) =>
        new YamlFieldList()
            .Text("name", host.Name)
            .Text("project", host.ProjectId is { } project ? projects[project] : null)
            .Text("container_id", host.ContainerId?.ToString())
            .Text("alias", host.Alias)
            .Text("address", host.ContainerId is null ? host.Address : null)
            .Word<int>("port", host.Port, null)
            .Text("user_name", host.UserName)
            .Text("jump_host", host.JumpHost?.Name)
            .Texts("labels", host.Labels)
            .Texts("host_keys", host.HostKeys)
            .Word<SshKeySource>("key_source", host.KeySource, SshKeySource.Stored)
            .Text("key_file", host.KeyFile)
            .Text("public_key", host.PublicKey.Length == 0 ? null : host.PublicKey)
            .Value;
}
