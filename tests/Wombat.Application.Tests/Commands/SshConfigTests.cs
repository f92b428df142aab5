using Wombat.Application.Commands;

namespace Wombat.Application.Tests.Commands;

public sealed class SshConfigTests
{
    [Test]
    public void Parse_WithSeveralBlocks_TakesTheFirstValueAsSshDoes()
    {
        var (config, errors) = Parse(
            """
            User everybody
            # a comment
            Host web1 web2 *.example.org
              HostName=%h.example.org
              Port = 2222  # of both
              user "deploy"
            Host web1
              Port 1
              ProxyJump gate
            Host * !gate
              ProxyCommand nc %h %p
              ForwardAgent yes
            Host gate
            """
        );
        Assert.That(errors, Is.Empty);
        var hosts = config.ReadHosts();
        Assert.That(hosts.Select(h => (h.Alias, h.Line)), Is.EqualTo(new[] { ("web1", 3), ("web2", 3), ("gate", 13) }));
        Assert.That(Show(hosts[0]), Is.EqualTo("User everybody, HostName %h.example.org, Port 2222, ProxyJump gate, ForwardAgent yes"));
        Assert.That(Show(hosts[1]), Does.EndWith("ProxyCommand nc, ForwardAgent yes"));
        Assert.That(Show(hosts[2]), Is.EqualTo("User everybody"));
    }

    [Test]
    public void Parse_OfMatchAndInclude_ReadsNeither()
    {
        var (config, errors) = Parse(
            "Include /etc/passwd\nHost a\nMatch exec \"touch /tmp/wombat-hostile\"\n  User root\nHost b\n  User u\n"
        );
        Assert.That(errors, Is.Empty);
        Assert.That(config.Ignored.Select(o => (o.Keyword, o.Line)), Is.EqualTo(new[] { ("Include", 1), ("Match", 3) }));
        Assert.That(config.ReadHosts().Select(Show), Is.EqualTo(new[] { "", "User u" }));
        Assert.That(File.Exists("/tmp/wombat-hostile"), Is.False);
    }

    [TestCase("Host a\nUser \"b", "line 2: a quotation mark is not closed")]
    [TestCase("Host\r\nHost a", "line 1: Host has no value")]
    [TestCase("Host a\n\nPort =", "line 3: Port has no value")]
    public void Parse_WithAnError_TellsItsLine(string document, string error) =>
        Assert.That(Parse(document).Errors, Is.EqualTo(new[] { error }));

    [TestCase("a", "a", ExpectedResult = true)]
    [TestCase("a", "A", ExpectedResult = false)]
    [TestCase("w?b*", "web1.example.org", ExpectedResult = true)]
    [TestCase("10.0.0.*", "10x0.0.1", ExpectedResult = false)]
    [TestCase("!web1", "web2", ExpectedResult = false)]
    [TestCase("*a*b", "xaabab", ExpectedResult = true)]
    [TestCase("*a*b", "xaaba", ExpectedResult = false)]
    [TestCase("a**", "a", ExpectedResult = true)]
    [TestCase("a?", "a", ExpectedResult = false)]
    public bool Block_Matches_AsSshDoes(string pattern, string alias) => new SshConfigBlock([pattern], 1).Matches(alias);

    [TestCase("User a\\ b", ExpectedResult = "User|a b")]
    [TestCase("User 'a \"b' c", ExpectedResult = "User|a \"b|c")]
    [TestCase("  User\t=\ta#b #c", ExpectedResult = "User|a#b")]
    [TestCase("User \"a\\\"b\"", ExpectedResult = "User|a\"b")]
    public string Words_OfALine_AreThoseOfSsh(string line) => string.Join('|', SshConfigWords.Split(line)!);

    private static (SshConfig Config, List<string> Errors) Parse(string document)
    {
        var errors = new List<string>();
        return (SshConfig.Parse(document, errors), errors);
    }

    private static string Show(SshConfigHost host) => string.Join(", ", host.Options.Select(o => $"{o.Keyword} {o.Value}"));
}
