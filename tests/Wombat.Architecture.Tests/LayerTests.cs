using System.Reflection;
using ArchUnitNET.Loader;
using ArchUnitNET.NUnit;
using MediatR;
using Wombat.Api.Hosting;
using Wombat.Application;
using Wombat.Application.Pipeline;
using Wombat.Application.Resources;
using Wombat.Domain.Projects;
using Wombat.Infrastructure;
using static ArchUnitNET.Fluent.ArchRuleDefinition;
using static ArchUnitNET.Fluent.Slices.SliceRuleDefinition;
using Type = System.Type;

namespace Wombat.Architecture.Tests;

public sealed class LayerTests
{
    private static readonly Assembly Domain = typeof(Project).Assembly;
    private static readonly Assembly Application = typeof(ApplicationServices).Assembly;
    private static readonly Assembly Infrastructure = typeof(InfrastructureServices).Assembly;
    private static readonly Assembly Api = typeof(WombatApplication).Assembly;

    private static readonly ArchUnitNET.Domain.Architecture Code = new ArchLoader()
        .LoadAssemblies(Domain, Application, Infrastructure, Api)
        .Build();

    private static readonly (Type Handler, Type Message)[] Handlers =
    [
        .. from type in Application.GetTypes()
        where !type.IsAbstract
        from handled in type.GetInterfaces()
        where handled.IsGenericType && handled.GetGenericTypeDefinition() == typeof(IRequestHandler<,>)
        select (type, handled.GetGenericArguments()[0]),
    ];

    [Test]
    public void Domain_OfAllLayers_ReferencesNone() =>
        Assert.That(References(Domain).Where(r => !r.StartsWith("System", StringComparison.Ordinal)), Is.Empty);

    [Test]
    public void Application_OfAllLayers_ReferencesDomainOnly()
    {
        Assert.That(References(Application), Does.Contain("Wombat.Domain"));
        Assert.That(
            References(Application)
                .Where(r =>
                    r.StartsWith("Wombat", StringComparison.Ordinal) && r != "Wombat.Domain"
                    || r.StartsWith("Npgsql", StringComparison.Ordinal)
                    || r.StartsWith("Microsoft.AspNetCore", StringComparison.Ordinal)
                ),
            Is.Empty
        );
    }

    [Test]
    public void Infrastructure_OfAllLayers_DoesNotReferenceApi()
    {
        Assert.That(References(Infrastructure), Does.Contain("Wombat.Application"));
        Assert.That(References(Infrastructure), Does.Not.Contain("Wombat.Api"));
        Assert.That(References(Api), Does.Contain("Wombat.Infrastructure"));
    }

    [TestCase("Wombat.Domain")]
    [TestCase("Wombat.Application")]
    [TestCase("Wombat.Infrastructure")]
    [TestCase("Wombat.Api")]
    public void Folders_OfAProject_FormNoCycle(string project)
    {
        var folders = Slices().Matching(project + ".(*)");
        Assert.That(folders.GetObjects(Code).Count(), Is.GreaterThan(4));
        folders.Should().BeFreeOfCycles().Check(Code);
    }

    [Test]
    public void Api_OutsideHosting_UsesNoInfrastructure()
    {
        var api = Types().That().ResideInNamespaceMatching(@"^Wombat\.Api\.(?!Hosting)");
        Assert.That(api.GetObjects(Code).Count(), Is.GreaterThan(20));
        api.Should().NotDependOnAny(Types().That().ResideInAssembly(Infrastructure)).Check(Code);
    }

    [Test]
    public void Messages_OfTheApplication_HaveOneHandlerEach()
    {
        var messages = Application.GetTypes().Where(t => !t.IsAbstract && typeof(IBaseRequest).IsAssignableFrom(t));
        Assert.That(Handlers.Select(h => NameOf(h.Message)), Is.EquivalentTo(messages.Select(NameOf)));
        Assert.That(Handlers.Where(h => NameOf(h.Handler) != NameOf(h.Message) + "Handler"), Is.Empty);
    }

    [Test]
    public void Handlers_OfTheApplication_AreInternalAndSealed() =>
        Assert.That(Handlers.Where(h => h.Handler.IsPublic || !h.Handler.IsSealed), Is.Empty);

    [Test]
    public void Handlers_OfTheApplication_SendNoMessages() =>
        Assert.That(
            Handlers.Where(h =>
                h.Handler.GetConstructors().SelectMany(c => c.GetParameters()).Any(p => p.ParameterType == typeof(IMediator))
            ),
            Is.Empty
        );

    [Test]
    public void Messages_OfTheApplication_DeclareAPermission()
    {
        var permissions = DeclaredPermissions.Of(Application, ResourceKinds.In([Application]));
        Assert.That(permissions, Has.Count.GreaterThan(10));
    }

    [Test]
    public void Start_WhenAMessageHasNoPermission_Fails() =>
        Assert.That(
            () => DeclaredPermissions.Of(typeof(LayerTests).Assembly, ResourceKinds.In([])),
            Throws.InvalidOperationException.With.Message.Contains(nameof(Undeclared))
        );

    // Without the number of type parameters.
    private static string NameOf(Type type) => type.Name.Split('`')[0];

    private static IEnumerable<string> References(Assembly assembly) => assembly.GetReferencedAssemblies().Select(r => r.Name!);

    private sealed record Undeclared : IRequest<int>;
}
