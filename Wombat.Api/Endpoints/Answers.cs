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

    /// <summary>The version that an If-Match names; null where there is none.</summary>
    public static int? IfMatch(HttpContext http)
    {
        var header = http.Request.Headers.IfMatch.ToString();
        return header.Length == 0 || header == "*" ? null
            : EntityTagHeaderValue.TryParse(header, out var tag) && int.TryParse(tag.Tag.AsSpan().Trim('"'), NumberStyles.None, CultureInfo.InvariantCulture, out var version) ? version
            : throw new StaleVersionException();
    }

    private static IResult WithETag(HttpContext http, int version, IResult result)
    {
        http.Response.Headers.ETag = $"\"{version.ToString(CultureInfo.InvariantCulture)}\"";
        return result;
    }
}
