using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Wombat.Domain.Projects;

namespace Wombat.Infrastructure.Persistence.Configurations;

internal sealed class ProjectConfiguration : IEntityTypeConfiguration<Project>
{
    private const string Alive = "deleted_at is null";
    private const string Open = $"{Alive} and visibility <> 'private'";

    public void Configure(EntityTypeBuilder<Project> builder)
    {
        builder.ToTable(
            "projects",
            t =>
            {
                t.HasCheckConstraint("ck_projects_name", $"char_length(name) between {Project.NameMin} and {Project.NameMax}");
                t.HasCheckConstraint(
                    "ck_projects_unix_name",
                    $"char_length(unix_name) between {Project.UnixNameMin} and {Project.UnixNameMax} "
                        + $"and unix_name ~ '{Project.UnixNamePattern}'"
                );
                t.HasCheckConstraint("ck_projects_visibility", "visibility in ('private', 'internal', 'public')");
                t.HasCheckConstraint("ck_projects_job_retention", "job_retention_days > 0 and job_logs_max_mib > 0");
            }
        );
        builder.HasKey(p => p.Id).HasName("pk_projects");
        builder.Property(p => p.Id).ValueGeneratedNever();
        builder.Property(p => p.Name).HasMaxLength(Project.NameMax);
        builder.Property(p => p.UnixName).HasMaxLength(Project.UnixNameMax);
        builder.Property(p => p.Description).HasMaxLength(Project.DescriptionMax);
        builder.Property(p => p.Tags).Metadata.SetValueComparer(typeof(ReferenceArrayComparer));
        builder.Property(p => p.Version).IsConcurrencyToken();
        builder.HasQueryFilter(p => p.DeletedAt == null);
        builder.HasIndex(p => p.UnixName).IsUnique().HasFilter(Alive).HasDatabaseName("ux_projects_unix_name");
        builder.HasIndex(p => p.Id).HasFilter(Alive).HasDatabaseName("ix_projects_alive");
        builder.HasIndex(p => p.CreatedById).HasFilter($"{Alive} and created_by_id is not null").HasDatabaseName("ix_projects_created_by");
        // Projects visible to every signed-in user, in each sort order: they are few and scattered in the indexes of all projects.
        builder.HasIndex(p => p.Id, "open").HasFilter(Open).HasDatabaseName("ix_projects_open");
        builder.HasIndex(p => new { p.UpdatedAt, p.Id }, "open_updated_at").HasFilter(Open).HasDatabaseName("ix_projects_open_updated_at");
        builder.HasIndex(p => new { p.Name, p.Id }, "open_name").HasFilter(Open).HasDatabaseName("ix_projects_open_name");
        builder.HasIndex(p => p.UnixName, "open_unix_name").HasFilter(Open).HasDatabaseName("ix_projects_open_unix_name");
        builder.HasIndex(p => new { p.Name, p.Id }).HasFilter(Alive).HasDatabaseName("ix_projects_name");
        builder.HasIndex(p => new { p.UpdatedAt, p.Id }).HasFilter(Alive).HasDatabaseName("ix_projects_updated_at");
    }
}
