using System.Globalization;
using System.Text.Json.Nodes;
using Npgsql;

namespace Wombat.TestSupport.Kubernetes;

/// <summary>Applies the managed roles of a Cluster to its server, as the operator does, and says so in its status.</summary>
internal sealed class CnpgRoles(CnpgInstance instance, Func<string, Task<CnpgPassword?>> readPassword)
{
    private readonly Dictionary<string, string> passwords = new(StringComparer.Ordinal);

    /// <returns>The field managedRolesStatus.</returns>
    public async Task<JsonObject> ApplyAsync(JsonObject spec)
    {
        var (reconciled, failed, versions) = (new JsonArray(), new JsonObject(), new JsonObject());
        foreach (var role in (spec["managed"]?["roles"] as JsonArray ?? []).Select(r => r!.AsObject()))
        {
            var name = role["name"]!.GetValue<string>();
            try
            {
                if (role["ensure"]?.GetValue<string>() == "absent")
                {
                    await instance.ReadAsync($"drop role if exists {Quote(name)}");
                    passwords.Remove(name);
                }
                else
                {
                    await ApplyRoleAsync(name, role);
                    if (role["passwordSecret"]?["name"]?.GetValue<string>() is { } secret)
                    {
                        versions[name] = new JsonObject { ["resourceVersion"] = await SetPasswordAsync(name, secret) };
                    }
                }

                reconciled.Add((JsonNode)name);
            }
            catch (PostgresException e)
            {
                failed[name] = new JsonArray($"could not perform the change of role {name}: {e.MessageText}");
            }
        }

        return new JsonObject
        {
            ["byStatus"] = new JsonObject { ["reconciled"] = reconciled },
            ["cannotReconcile"] = failed,
            ["passwordStatus"] = versions,
        };
    }

    /// <summary>Gives a role the password of a Secret when the Secret has changed, and returns the version of the Secret.</summary>
    public async Task<string?> SetPasswordAsync(string role, string secret)
    {
        if (await readPassword(secret) is not { } password)
        {
            return null;
        }

        if (passwords.GetValueOrDefault(role) != password.Version)
        {
            await instance.ReadAsync($"alter role {Quote(role)} password {Literal(password.Password)}");
            passwords[role] = password.Version;
        }

        return password.Version;
    }

    private async Task ApplyRoleAsync(string name, JsonObject role)
    {
        if ((await instance.ReadAsync($"select rolname from pg_roles where rolname = {Literal(name)}")).Count == 0)
        {
            await instance.ReadAsync($"create role {Quote(name)}");
        }

        var until = role["validUntil"]?.GetValue<string>() ?? "infinity";
        var login = role["login"]?.GetValue<bool>() == true ? "login" : "nologin";
        await instance.ReadAsync($"alter role {Quote(name)} {login} valid until {Literal(until)}");
        if (role["disablePassword"]?.GetValue<bool>() == true)
        {
            await instance.ReadAsync($"alter role {Quote(name)} password null");
        }

        var wanted = (role["inRoles"] as JsonArray ?? []).Select(r => r!.GetValue<string>()).ToList();
        var present = await instance.ReadAsync(
            $"""
            select g.rolname from pg_auth_members m join pg_roles g on g.oid = m.roleid
            where m.member = (select oid from pg_roles where rolname = {Literal(name)})
            """
        );
        foreach (var group in wanted.Except(present, StringComparer.Ordinal))
        {
            await instance.ReadAsync($"grant {Quote(group)} to {Quote(name)}");
        }

        foreach (var group in present.Except(wanted, StringComparer.Ordinal))
        {
            await instance.ReadAsync($"revoke {Quote(group)} from {Quote(name)}");
        }
    }

    private static string Quote(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    private static string Literal(string text) =>
        string.Create(CultureInfo.InvariantCulture, $"'{text.Replace("'", "''", StringComparison.Ordinal)}'");
}
