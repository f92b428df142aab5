using Microsoft.Extensions.DependencyInjection;
using Wombat.Application.Jobs;

namespace Wombat.Application.Tests.Jobs;

public sealed class JobKindsTests
{
    [Test]
    public void Handlers_OfTheApplication_AreRegisteredForAKind()
    {
        var services = new ServiceCollection().AddApplication();
        var registered = services.Where(s => s.IsKeyedService && s.ServiceType == typeof(IJobHandler)).ToList();
        var handlers = typeof(IJobHandler).Assembly.GetTypes().Where(t => !t.IsAbstract && t.IsAssignableTo(typeof(IJobHandler)));

        // The shared handlers of resource kinds are registered once for each kind and operation.
        var used = registered.Select(s => s.KeyedImplementationType!).Select(t => t.IsGenericType ? t.GetGenericTypeDefinition() : t);
        Assert.That(used.Distinct(), Is.EquivalentTo(handlers));
        using var provider = services.BuildServiceProvider();
        Assert.That(provider.GetRequiredService<JobKinds>().Names, Is.EquivalentTo(registered.Select(s => s.ServiceKey)));
    }
}
