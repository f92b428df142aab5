using Moq;
using Wombat.Domain.Common;
using Wombat.Domain.Containers;
using Wombat.Domain.Plugins;

namespace Wombat.Domain.Tests.Plugins;

public sealed class PluginRegistryTests
{
    [Test]
    public void Constructor_WhenNamesAreDuplicateOrInvalid_Throws()
    {
        Assert.That(
            () => new PluginRegistry([Named("one"), Named("one")]),
            Throws.TypeOf<PluginConfigurationException>().With.Message.Contains("plugins.one:")
        );
        Assert.That(
            () => new PluginRegistry([Named("Bad Name")]),
            Throws.TypeOf<PluginConfigurationException>().With.Message.Contains("Bad Name")
        );
    }

    [TestCase("paris", "", "paris", Description = "the only instance")]
    [TestCase("paris,proxmox", "", "proxmox", Description = "the instance that is named after its type")]
    [TestCase("paris,proxmox", "paris", "paris", Description = "the marked instance")]
    public void DefaultFor_WithSeveralInstances_ReturnsTheDefault(string names, string marked, string expected)
    {
        var registry = new PluginRegistry(names.Split(',').Select(n => Named(n, n == marked)));
        Assert.That(registry.DefaultFor<ContainerSpec>("container").Name, Is.EqualTo(expected));
    }

    [TestCase("paris,rome", "", "plugins.paris.default")]
    [TestCase("paris,rome", "paris,rome", "plugins.rome.default")]
    public void Constructor_WhenThereIsNoClearDefault_NamesTheSetting(string names, string marked, string setting) =>
        Assert.That(
            () => new PluginRegistry(names.Split(',').Select(n => Named(n, marked.Split(',').Contains(n, StringComparer.Ordinal)))),
            Throws.TypeOf<PluginConfigurationException>().With.Message.StartsWith(setting)
        );

    [Test]
    public void DefaultFor_WhenNothingIsConfigured_IsUnavailable() =>
        Assert.That(
            () => new PluginRegistry([]).DefaultFor<ContainerSpec>("container"),
            Throws.TypeOf<ExternalSystemException>().With.Property("Kind").EqualTo(ExternalFailure.Unavailable)
        );

    private static PluginInstance Named(string name, bool isDefault = false)
    {
        var plugin = new Mock<IProvisioner<ContainerSpec>>();
        plugin.Setup(p => p.Name).Returns(name);
        return new PluginInstance(plugin.Object, "proxmox", TimeSpan.FromSeconds(1), isDefault);
    }
}
