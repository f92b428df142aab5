using System.Net;
using System.Reflection;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Wombat.Domain.Projects;
using Wombat.TestSupport;

namespace Wombat.Architecture.Tests;

/// <summary>
/// Every endpoint except the listed ones returns 401 without a valid credential.
/// </summary>
public sealed class EndpointTests
{
    private static readonly string[] Open =
    [
        "/docs/{**file}",
        "/health/live",
        "/health/ready",
        "/openapi/{documentName}.json",
        "/api/v1/session/",
        "/api/v1/session/options",
        "/api/v1/session/oidc/",
        "/api/v1/session/oidc/callback",
        "/api/v1/session/oidc/backchannel-logout",
    ];

    private TestServer server = null!;
    private List<RouteEndpoint> endpoints = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        server = await TestServer.StartAsync();
        endpoints = [.. server.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()];
    }

    [OneTimeTearDown]
    public Task Stop() => server.DisposeAsync().AsTask();

    [Test]
    public void AnonymousEndpoints_ComparedWithTheList_AreEqual()
    {
        Assert.That(endpoints, Has.Count.GreaterThan(20));
        var open = endpoints.Where(e => e.Metadata.GetMetadata<IAllowAnonymous>() is not null).Select(e => e.RoutePattern.RawText);
        Assert.That(open, Is.EquivalentTo(Open));
    }

    [Test]
    public void Answers_OfEveryEndpoint_ContainNoDomainTypes()
    {
        var seen = new HashSet<Type>();
        foreach (var endpoint in endpoints)
        {
            foreach (var answer in endpoint.Metadata.OfType<IProducesResponseTypeMetadata>())
            {
                Collect(answer.Type, seen);
            }
        }

        Assert.That(seen, Has.Count.GreaterThan(10));
        Assert.That(seen.Where(t => t.Assembly == typeof(Project).Assembly && !t.IsEnum), Is.Empty);
    }

    [TestCase(null)]
    [TestCase("Bearer ")]
    [TestCase("Bearer wombat_0000000000000000000000000000000000000000000000000000000000000000")]
    [TestCase("Basic YTpi")]
    public async Task Endpoint_WithoutAValidCredential_Is401(string? authorization)
    {
        using var http = new HttpClient { BaseAddress = server.Client.Address };
        var tried = 0;
        foreach (var endpoint in endpoints.Where(e => e.Metadata.GetMetadata<IAllowAnonymous>() is null))
        {
            var path = endpoint
                .RoutePattern.RawText!.Replace("{id}", Guid.NewGuid().ToString(), StringComparison.Ordinal)
                .Replace("{cid}", Guid.NewGuid().ToString(), StringComparison.Ordinal);
            foreach (var method in endpoint.Metadata.GetMetadata<HttpMethodMetadata>()!.HttpMethods)
            {
                using var request = new HttpRequestMessage(new HttpMethod(method), path);
                if (authorization is not null)
                {
                    request.Headers.TryAddWithoutValidation("Authorization", authorization);
                }

                using var response = await http.SendAsync(request);
                Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.Unauthorized), $"{method} {path}");
                tried++;
            }
        }

        Assert.That(tried, Is.GreaterThan(15));
    }

    [Test]
    public async Task UnknownPath_WithoutACredential_Is401()
    {
        using var http = new HttpClient { BaseAddress = server.Client.Address };
        using var response = await http.GetAsync("/api/v1/nothing");
        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.Unauthorized));
        Assert.That((await server.Client.GetAsync("/api/v1/nothing")).Status, Is.EqualTo(HttpStatusCode.NotFound));
    }

    private static void Collect(Type? type, HashSet<Type> seen)
    {
        if (type is null)
        {
            return;
        }

        foreach (var part in type.IsArray ? [type.GetElementType()!] : type.GetGenericArguments())
        {
            Collect(part, seen);
        }

        if (type.Namespace?.StartsWith("Wombat", StringComparison.Ordinal) == true && seen.Add(type))
        {
            foreach (
                var property in type.GetProperties()
                    .Where(p => p.GetCustomAttribute<JsonIgnoreAttribute>()?.Condition != JsonIgnoreCondition.Always)
            )
            {
                Collect(property.PropertyType, seen);
            }
        }
    }
}
