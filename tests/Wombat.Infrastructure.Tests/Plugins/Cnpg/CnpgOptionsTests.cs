using Wombat.Infrastructure.Configuration;
using Wombat.Infrastructure.Plugins.Cnpg;

namespace Wombat.Infrastructure.Tests.Plugins.Cnpg;

public sealed class CnpgOptionsTests
{
    [Test]
    public void Read_WhenEverythingIsSet_ReadsIt()
    {
        var options = Read(
            ("KUBECONFIG", "/etc/wombat/kubeconfig"),
            ("CONTEXT", "production"),
            ("NAMESPACE", "team-{project}"),
            ("IMAGES", "17=registry.example.org/postgresql:17,18=registry.example.org/postgresql:18"),
            ("BACKUP_OBJECT_STORE", "minio"),
            ("CLIENT_LABEL", "team={project}"),
            ("LOAD_BALANCER", "true")
        );
        Assert.Multiple(() =>
        {
            Assert.That((options.Kubeconfig, options.Context), Is.EqualTo(("/etc/wombat/kubeconfig", "production")));
            Assert.That((options.NamespaceOf("shop"), options.FixedNamespace), Is.EqualTo(("team-shop", (string?)null)));
            Assert.That(options.ClientLabelOf("shop"), Is.EqualTo(("team", "shop")));
            Assert.That(options.Images[18], Is.EqualTo("registry.example.org/postgresql:18"));
            Assert.That(options.ObjectStore!.Method, Is.EqualTo("plugin"));
            Assert.That(options.UsesLoadBalancer, Is.True);
        });
    }

    [Test]
    public void Read_WhenNothingIsSet_UsesOneNamespaceInTheSameCluster()
    {
        var options = Read();
        Assert.That(
            (options.Kubeconfig, options.FixedNamespace, options.ObjectStore),
            Is.EqualTo(((string?)null, "databases", (ObjectStoreOptions?)null))
        );
    }

    [TestCase("NAMESPACE", "Team_{project}")]
    [TestCase("IMAGES", "latest=postgres")]
    [TestCase("CLIENT_LABEL", "team")]
    [TestCase("CALL_TIMEOUT_SECONDS", "0")]
    public void Read_WhenASettingIsWrong_NamesIt(string setting, string value) =>
        Assert.That(
            () => Read((setting, value)),
            Throws.TypeOf<SettingsException>().With.Message.Contains($"WOMBAT_PLUGINS_K8S_{setting}")
        );

    [Test]
    public void Cluster_WhenNameIsLong_IsShortenedAndStaysDistinct()
    {
        var (one, other) = (CnpgNames.Cluster(new string('a', 63)), CnpgNames.Cluster(new string('a', 62) + "b"));
        Assert.That((one.Length, other.Length), Is.EqualTo((50, 50)));
        Assert.That(one, Is.Not.EqualTo(other));
        Assert.That(CnpgNames.Cluster("shop-orders"), Is.EqualTo("wombat-shop-orders"));
        Assert.That(CnpgNames.Cluster("shop_orders"), Does.Match("^wombat-shop-orders-[0-9a-f]{8}$"));
    }

    private static CnpgOptions Read(params (string Name, string Value)[] settings)
    {
        var environment = settings.ToDictionary(s => $"WOMBAT_PLUGINS_K8S_{s.Name}", s => s.Value, StringComparer.Ordinal);
        var reader = new SettingsReader(null, environment);
        var options = CnpgOptions.Read(new PluginSection(reader, "k8s", environment, "/tmp"));
        reader.ThrowOnProblems();
        return options;
    }
}
