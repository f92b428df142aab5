using Wombat.Infrastructure.Plugins.Proxmox;

namespace Wombat.Infrastructure.Tests.Plugins.Proxmox;

public sealed class ArgumentTemplateTests
{
    [Test]
    public void Fill_WhenAValueIsMissing_DropsItsOptionalGroup()
    {
        var values = new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["name"] = "a b; $(x)",
            ["cpu"] = null,
            ["memory"] = "64",
        };
        Assert.That(
            ArgumentTemplate.Fill(["create", "--name={name}", "[--cpu {cpu}]", "[--memory {memory}]"], values),
            Is.EqualTo(new[] { "create", "--name=a b; $(x)", "--memory", "64" })
        );
    }
}
