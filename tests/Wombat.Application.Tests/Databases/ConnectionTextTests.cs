using Wombat.Application.Databases;
using Wombat.Domain.Databases;

namespace Wombat.Application.Tests.Databases;

public sealed class ConnectionTextTests
{
    private static readonly DatabaseCredentials Hostile = new("::1", 5433, "a b", "o'brien", "p'\"@/:%$`\\", "verify-full", null);

    [Test]
    public void Uri_WithReservedCharacters_EscapesThem() =>
        Assert.That(
            ConnectionText.Write(Hostile, "orders", ConnectionFormat.Uri),
            Is.EqualTo("postgresql://o%27brien:p%27%22%40%2F%3A%25%24%60%5C@[::1]:5433/a%20b?sslmode=verify-full")
        );

    [Test]
    public void Env_WithShellCharacters_QuotesThem() =>
        Assert.That(
            ConnectionText.Write(Hostile, "orders", ConnectionFormat.Env).Split('\n'),
            Does.Contain("PGUSER='o'\\''brien'").And.Contain("PGPASSWORD='p'\\''\"@/:%$`\\'").And.Contain("PGPORT='5433'")
        );

    [Test]
    public void Dotnet_WithQuotes_IsReadBackByNpgsqlsRules() =>
        Assert.That(
            new System.Data.Common.DbConnectionStringBuilder
            {
                ConnectionString = ConnectionText.Write(Hostile, "orders", ConnectionFormat.Dotnet),
            }["Password"],
            Is.EqualTo(Hostile.Password)
        );

    [Test]
    public void KubernetesSecret_WithQuotes_IsOneStringPerLine()
    {
        var lines = ConnectionText.Write(Hostile, "orders", ConnectionFormat.KubernetesSecret).Split('\n');
        Assert.That(lines, Does.Contain("  name: \"orders\""));
        Assert.That(
            System.Text.Json.JsonSerializer.Deserialize<string>(
                lines.Single(l => l.StartsWith("  password: ", StringComparison.Ordinal))["  password: ".Length..]
            ),
            Is.EqualTo(Hostile.Password)
        );
    }
}
