using Wombat.Application.Commands;
using Wombat.Infrastructure.Commands;
using Wombat.Infrastructure.Processes;

namespace Wombat.Infrastructure.Tests.Commands;

/// <summary>The command line with which ssh connects through a jump host. A shell reads it.</summary>
public sealed class SshConnectionTests
{
    [TestCase("gate.example.org")]
    [TestCase("a b")]
    [TestCase("'\"`")]
    [TestCase("$(touch /tmp/wombat-hostile)")]
    [TestCase("'; touch /tmp/wombat-hostile; '")]
    [TestCase("-oProxyCommand=touch /tmp/wombat-hostile")]
    [TestCase("a\nb")]
    [TestCase("%h%%n")]
    [TestCase("\\'*~#&|<>!")]
    public async Task ProxyCommand_WithHostileNames_KeepsThemOneWord(string name)
    {
        using var connection = new SshConnection(new SshTarget("gate", name, 22, name, [], new SshTargetKey("key", null)));
        var line = connection.ProxyCommand(name, 2222).Replace("%%", "%", StringComparison.Ordinal);
        Assert.That(line, Does.StartWith("'/usr/bin/ssh' "));
        var printed = await ChildProcess.RunAsync(
            new ChildCommand("/bin/sh", ["-c", $"printf '%s\\0' {line["'/usr/bin/ssh' ".Length..]}"], TimeSpan.FromSeconds(10)),
            CancellationToken.None
        );
        var words = printed.Output.TrimEnd('\0').Split('\0');
        Assert.That(words[^4..], Is.EqualTo(new[] { "-W", $"[{name}]:2222", "--", name }));
        Assert.That(words, Does.Contain($"User={name}").And.Contain("StrictHostKeyChecking=yes"));
        Assert.That(File.Exists("/tmp/wombat-hostile"), Is.False);
    }
}
