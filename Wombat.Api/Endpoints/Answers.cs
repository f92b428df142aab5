using System.Globalization;
using Microsoft.Net.Http.Headers;
using Wombat.Application.Common;
using Wombat.Application.Containers;
using Wombat.Application.Jobs;
using Wombat.Application.Projects;
using Wombat.Application.Users;
using Wombat.Domain.Common;

namespace Wombat.Api.Endpoints;

/// <summary>The forms in which the API answers.</summary>
internal static class Answers
{
    private static string JobUrl(Guid id) => $"/api/v1/jobs/{id}";

    public static IResult Ok<T>(HttpContext http, T answer)
        where T : IVersioned => WithETag(http, answer.Version, TypedResults.Ok(answer));

    public static IResult Created(HttpContext http, ProjectDto project) => WithETag(http, project.Version, TypedResults.Created($"/api/v1/projects/{project.Id}", project));

    public static IResult Created(HttpContext http, UserDto user) => WithETag(http, user.Version, TypedResults.Created($"/api/v1/users/{user.Id}", user));

    /// <summary>202 with the job as Location; every such body has its id as job_id too.</summary>
    public static IResult Accepted(AcceptedContainer container) => TypedResults.Accepted(JobUrl(container.JobId), container);

    public static IResult Accepted(AcceptedProject project) => TypedResults.Accepted(JobUrl(project.JobId), project);

    public static IResult Accepted(AcceptedJob job) => TypedResults.Accepted(JobUrl(job.JobId), job);

    /// <summary>The versions that an If-Match names; null where there is none, or where it allows all.</summary>
    /// <exception cref="StaleVersionException">It is not a list of entity tags.</exception>
    public static ExpectedVersions? IfMatch(HttpContext http)
    {
        var header = http.Request.Headers.IfMatch;
        if (header.Count == 0 || header.ToString().Length == 0)
        {
            return null;
        }

        if (!EntityTagHeaderValue.TryParseStrictList(header, out var tags))
        {
            throw new StaleVersionException();
        }

        return tags.Contains(EntityTagHeaderValue.Any) ? null : new ExpectedVersions([.. tags.Select(VersionOf).OfType<int>()]);
    }

    /// <summary>For a change that is made of the current state: it must still be stored, and be one that the If-Match names.</summary>
    public static ExpectedVersions IfMatch(HttpContext http, int current) =>
        IfMatch(http) is { } expected && !expected.Include(current) ? expected : new ExpectedVersions(current);

    private static int? VersionOf(EntityTagHeaderValue tag) =>
        int.TryParse(tag.Tag.AsSpan().Trim('"'), NumberStyles.None, CultureInfo.InvariantCulture, out var version) ? version : null;

    private static IResult WithETag(HttpContext http, int version, IResult result)
    {
        http.Response.Headers.ETag = $"\"{version.ToString(CultureInfo.InvariantCulture)}\"";
        return result;
    }
}
