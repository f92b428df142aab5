using System.Globalization;
using Microsoft.Net.Http.Headers;
using Wombat.Application.Common;
using Wombat.Application.Jobs;
using Wombat.Application.Projects;
using Wombat.Application.Resources;
using Wombat.Application.Users;
using Wombat.Domain.Common;

namespace Wombat.Api.Endpoints;

/// <summary>Creates the responses of the API.</summary>
internal static class ApiResults
{
    private static string JobUrl(Guid id) => $"/api/v1/jobs/{id}";

    public static IResult Ok<T>(T answer)
        where T : IVersioned => new VersionedResult<T>(answer);

    public static IResult Created(ProjectDto project) =>
        new VersionedResult<ProjectDto>(project, StatusCodes.Status201Created, $"/api/v1/projects/{project.Id}");

    public static IResult Created(UserDto user) =>
        new VersionedResult<UserDto>(user, StatusCodes.Status201Created, $"/api/v1/users/{user.Id}");

    /// <summary>202 with the job as Location; every such body has its id as job_id too.</summary>
    public static IResult Accepted<T>(T resource)
        where T : IAcceptedResource => TypedResults.Accepted(JobUrl(resource.JobId), resource);

    public static IResult Accepted(AcceptedProject project) => TypedResults.Accepted(JobUrl(project.JobId), project);

    public static IResult Accepted(AcceptedJob job) => TypedResults.Accepted(JobUrl(job.JobId), job);

    /// <summary>The versions in If-Match; null if there is none or it is *.</summary>
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

    // Also "7", from the field version alone.
    private static int? VersionOf(EntityTagHeaderValue tag)
    {
        var text = tag.Tag.AsSpan().Trim('"');
        var dot = text.IndexOf('.');
        return int.TryParse(dot > 0 ? text[..dot] : text, NumberStyles.None, CultureInfo.InvariantCulture, out var version)
            ? version
            : null;
    }
}
