using System.Reflection;
using MediatR;
using Wombat.Api.Hosting;
using Wombat.Application;
using Wombat.Application.Pipeline;
using Wombat.Domain.Projects;
using Wombat.Infrastructure;

namespace Wombat.Architecture.Tests;

public sealed class LayerTests
{
    private static readonly Assembly Domain = typeof(Project).Assembly;
    private static readonly Assembly Application = typeof(ApplicationServices).Assembly;
    private static readonly Assembly Infrastructure = typeof(InfrastructureServices).Assembly;
    private static readonly Assembly Api = typeof(WombatApplication).Assembly;

    [Test]
    public void Domain_KnowsNothing() =>
        Assert.That(References(Domain).Where(r => !r.StartsWith("System", StringComparison.Ordinal)), Is.Empty);

    [Test]
    public void Application_KnowsDomainAlone()
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
    public void Infrastructure_KnowsNotTheApi()
    {
        Assert.That(References(Infrastructure), Does.Contain("Wombat.Application"));
        Assert.That(References(Infrastructure), Does.Not.Contain("Wombat.Api"));
        Assert.That(References(Api), Does.Contain("Wombat.Infrastructure"));
    }

    [Test]
    public void Handlers_AreInternalAndSealed()
    {
        var handlers = Application
            .GetTypes()
            .Where(t =>
                !t.IsAbstract && t.GetInterfaces().Any(i => i.IsGenericType && i.GetGenericTypeDefinition() == typeof(IRequestHandler<,>))
            )
            .ToList();
        Assert.That(handlers, Has.Count.GreaterThan(10));
        Assert.That(handlers.Where(h => h.IsPublic || !h.IsSealed), Is.Empty);
    }

    [Test]
    public void Handlers_SendNoMessages()
    {
        var handlers = Application.GetTypes().Where(t => t.Name.EndsWith("Handler", StringComparison.Ordinal) && !t.IsInterface).ToList();
        Assert.That(handlers, Is.Not.Empty);
        Assert.That(
            handlers.Where(h => h.GetConstructors().SelectMany(c => c.GetParameters()).Any(p => p.ParameterType == typeof(IMediator))),
            Is.Empty
        );
    }

    [Test]
    public void Messages_EachDeclareAPermission()
    {
        var permissions = DeclaredPermissions.Of(Application);
        Assert.That(permissions, Has.Count.GreaterThan(10));
    }

    [Test]
    public void Message_WithoutADeclaration_DoesNotStart() =>
        Assert.That(
            () => DeclaredPermissions.Of(typeof(LayerTests).Assembly),
            Throws.InvalidOperationException.With.Message.Contains(nameof(Undeclared))
        );

    [Test]
    public void Dtos_HoldNoEntities()
    {
        var entities = Domain
            .GetTypes()
            .Where(t => t.GetProperty("Id") is not null && !t.Name.EndsWith("Job", StringComparison.Ordinal))
            .ToHashSet();
        var dtos = Application.GetTypes().Where(t => t.Name.EndsWith("Dto", StringComparison.Ordinal)).ToList();
        Assert.That(entities, Is.Not.Empty);
        Assert.That(dtos, Has.Count.GreaterThan(4));
        Assert.That(dtos.SelectMany(d => d.GetProperties()).Where(p => entities.Contains(p.PropertyType)), Is.Empty);
    }

    private static IEnumerable<string> References(Assembly assembly) => assembly.GetReferencedAssemblies().Select(r => r.Name!);

    private sealed record Undeclared : IRequest<int>;
}
